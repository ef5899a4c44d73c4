/*
 * Term: the terminal: shows a canvas, reads keys.  The only module that uses curses.
 *
 * Only one at a time, as in curses.  From term_open to term_close the terminal is in screen mode; a
 * crash restores it first.  If standard input is not a terminal (a capture is piped in), keys are
 * read from /dev/tty.
 */
#pragma once

#include "ui/term/key.h"
#include "ui/term/theme.h"

typedef struct Term Term;

typedef struct {
  bool color; /* if there is any */
  bool mouse;
} TermSetup;

/* Fails if there is no terminal, or if TERM is unknown or cannot position the cursor.  A theme is
 * to be set before anything is drawn. */
G_GNUC_WARN_UNUSED_RESULT Term *term_open(const TermSetup *setup, GError **error);

/* Restores the terminal. */
void term_close(Term *term);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Term, term_close)

/* The characters that its locale can show. */
TextCharset term_charset(const Term *term);

void term_size(const Term *term, int *ret_width, int *ret_height);

/* Can the terminal show colours at all? */
bool term_has_color(const Term *term);

/* Another theme, or none of its colours. */
void term_set_theme(Term *term, const Theme *theme, bool color);
void term_set_mouse(Term *term, bool mouse);

/* Did the terminal take everything?  What is drawn before that piles up. */
bool term_is_ready(const Term *term);

/* Shows the canvas; sends only changes. */
void term_draw(Term *term, const Canvas *canvas);
/* Makes the next term_draw send everything: something else wrote on the screen. */
void term_forget(Term *term);

/* Waits at most `wait_ms` for a key; false if none came.  A resize is a key. */
bool term_next_key(Term *term, int wait_ms, KeyEvent *ret_event);

/* Is the terminal gone (closed, or at the end of its input)? */
bool term_is_gone(const Term *term);

/* Copies text to the clipboard of the terminal (OSC 52); false if it is too long. */
bool term_copy(Term *term, Slice text);

/* Restores the terminal, stops the program as Ctrl-Z does, and continues. */
void term_suspend(Term *term);
