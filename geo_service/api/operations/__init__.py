"""What every request passes through: limits, caching, compression, headers, metrics, logs; and health."""
