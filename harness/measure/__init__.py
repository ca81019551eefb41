"""What is launched, in which order and for how long; and the rates of the machine that results are held against."""
