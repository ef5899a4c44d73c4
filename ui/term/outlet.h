/*
 * Outlet: the way of a screen's octets to a terminal that may be slow, or stand still.
 *
 * A terminal takes what it is sent when it likes: one at the end of a line that stalls may take
 * nothing for minutes.  Whoever writes to it waits, so a thread does: meanwhile the program reads
 * on, or a live capture would lose packets.  Nothing is piled up: whoever draws asks first whether
 * all that was sent before is taken.
 */
#pragma once

#include "capture/slice.h"

typedef struct Outlet Outlet;

/* To `tty`, which must stay open longer; NULL when there can be none. */
Outlet *outlet_new(int tty);

/* Waits until all that is not given up is taken, or the terminal is gone. */
void outlet_free(Outlet *outlet);

/* Between the two, what is written to the descriptor `fd`, another one of the terminal, goes the
 * way of the outlet. */
void outlet_begin(Outlet *outlet, int fd);
void outlet_end(Outlet *outlet, int fd);

void outlet_send(Outlet *outlet, Slice octets);

/* Did the terminal take all that was sent? */
bool outlet_is_empty(const Outlet *outlet);

/* Waits for that, but not for long: false, and what is left is given up. */
bool outlet_drain(Outlet *outlet);
