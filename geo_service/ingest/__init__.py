"""Files in: each reader gives a frame of `geo_service.schemas` and the findings made on the way."""
