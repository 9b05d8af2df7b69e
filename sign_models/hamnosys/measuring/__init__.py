"""A finished motion measured against what was written and what a body can do."""
