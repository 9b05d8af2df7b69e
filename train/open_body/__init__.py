"""The open body's workshop: from MakeHuman's CC0 data to a file in SMPL-X's layout, one step a file."""
