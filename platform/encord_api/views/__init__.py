"""Views of the SDK's addresses: translate, call the service that page and REST call, translate."""
