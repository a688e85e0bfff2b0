"""How far predictions agree with what reviews really decided."""
