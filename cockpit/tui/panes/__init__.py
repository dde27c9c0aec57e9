"""What fills the screen, one pane a file."""
