/*
 * Outlet: sends the bytes of a screen to a terminal that may be slow or stalled.
 *
 * A write to a terminal on a stalled connection may block for minutes.  So a thread writes, while
 * the program reads on: otherwise a live capture would lose packets.  Nothing piles up: before
 * drawing, the program checks that everything was taken.
 *
 * Also the sequence that sets the clipboard of the terminal, even a remote one (xterm's OSC 52).
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef struct Outlet Outlet;

/* To `tty`, which must stay open longer; NULL if it cannot be made. */
Outlet *outlet_new(int tty);

/* Waits until everything is taken (unless given up), or the terminal is gone. */
void outlet_free(Outlet *outlet);

/* Between the two, what is written to `fd`, another descriptor of the terminal, goes through the
 * outlet. */
void outlet_begin(Outlet *outlet, int fd);
void outlet_end(Outlet *outlet, int fd);

void outlet_send(Outlet *outlet, Slice bytes);

/* Did the terminal take everything? */
bool outlet_is_empty(const Outlet *outlet);

/* Waits for that, but not for long; on false the rest is given up. */
bool outlet_drain(Outlet *outlet);

enum { CLIPBOARD_MAX = 74994 }; /* bytes; the limit of xterm and tmux */

/* Appends the control sequence that sets the clipboard; false when the text is too long.
 * `wrapped`: for GNU screen, which passes on short pieces only. */
bool clipboard_append(GString *to, Slice text, bool wrapped);
