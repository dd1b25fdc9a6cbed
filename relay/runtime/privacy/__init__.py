"""Personal data: what is kept of a buyer, erasing them, and how long anything is kept (docs/privacy.md)."""
