"""Maps over HTTP: pages to embed, files to print, oEmbed."""
