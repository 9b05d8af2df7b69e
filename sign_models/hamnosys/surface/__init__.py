"""The skin of head, trunk and limbs: the places of the notation on it, and how near a point is to it."""
