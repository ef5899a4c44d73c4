/*
 * Writing to a descriptor that may be anything: a file, a pipe, a terminal.
 */
#pragma once

#include "capture/slice.h"

/* Writes all octets, however often that takes.  0, or errno of what failed. */
int fd_write(int fd, Slice octets);
