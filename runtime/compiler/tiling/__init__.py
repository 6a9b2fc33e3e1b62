"""How matmuls, convolutions and loops are tiled: rules and measured tables."""
