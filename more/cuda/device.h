// What the driver and the program of the peak share.
#ifndef DEVICE_H
#define DEVICE_H

// Opens the first GPU and prints the lines `device` and `driver` of the contract; without one, ends the program as skip() does.
void open_device();

#endif
