"""How signs and letters become one movement: stations, ways between them, face, cues."""
