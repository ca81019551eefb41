"""Write files, create scratch folders, format numbers, print to the console; nothing here knows about kernels."""
