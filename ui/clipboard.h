/*
 * Clipboard: where copied text goes: to the terminal, which may ignore it, and to a program that
 * sets the clipboard of the desktop.
 *
 * The program reads the text from an unnamed file and writes its errors to a pipe that is never
 * waited for, so it may be slow, or never end.  A CommandRunner starts it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "capture/slice.h"

enum { CLIPBOARD_PROGRAM_MAX = 4 * 1024 * 1024 }; /* bytes of a text */

typedef struct Clipboard Clipboard;

/*
 * `setting`: "auto": the terminal and the first program that is there and has its display;
 * "terminal"; or else the words of a command that reads the text on its standard input.  To be
 * called before rights are given up.  `user`: of -Z, or NULL: whoever called sudo(8), else as in
 * rights_drop.
 */
G_GNUC_WARN_UNUSED_RESULT Clipboard *clipboard_new(const char *setting, const char *user,
                                                   GError **error);
void clipboard_free(Clipboard *clipboard);

/* Is the terminal asked, too? */
bool clipboard_has_terminal(const Clipboard *clipboard);
/* The name of the program; NULL: there is none. */
const char *clipboard_program(const Clipboard *clipboard);

/* Starts the program.  Fails if the text is too long, or earlier ones are not taken yet. */
G_GNUC_WARN_UNUSED_RESULT bool clipboard_start(Clipboard *clipboard, Slice text, GError **error);

/* How the program failed; NULL: it did not, so far.  Freed with g_free. */
char *clipboard_news(Clipboard *clipboard);
