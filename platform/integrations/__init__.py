"""Where the organisations' own media lie: cloud buckets, web servers, directories."""
