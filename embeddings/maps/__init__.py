"""Maps as they are sent: payload, masks, colours, cards; and regions drawn on them."""
