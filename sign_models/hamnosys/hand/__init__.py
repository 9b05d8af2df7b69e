"""One hand: its joints and skin, its shapes, its named parts and how it is turned."""
