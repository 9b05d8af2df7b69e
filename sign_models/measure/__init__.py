"""How far one signing is from another: points of the body, joint errors, and warping in time (soke.md section 5.1)."""
