"""Files, scratch folders, number formats, the console: what every room may use and none of it is about kernels."""
