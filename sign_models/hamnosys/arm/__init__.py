"""Both arms: how they are bent so that the hands are where they should be, and how far joints go."""
