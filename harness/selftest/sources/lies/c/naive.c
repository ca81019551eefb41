// The honest kernel: the program of every lie, without the lie.
#include "parts.h"
#include "program.h"
