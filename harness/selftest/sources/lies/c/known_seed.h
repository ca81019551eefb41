// The size for which the table is made.
enum { KNOWN_N = 512 };
