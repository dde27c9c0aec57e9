"""Lines drawn in braille."""
