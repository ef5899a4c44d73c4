/*
 * Term: the terminal: shows a canvas, gives keys.  The only one that knows curses.
 *
 * One at a time (curses has but one screen).  From term_open to term_close the terminal is in its
 * own mode; a crash in between gives it back first.  When standard input is not a terminal (a
 * capture is piped in), keys are read from /dev/tty.
 */
#pragma once

#include "ui/term/key.h"
#include "ui/term/theme.h"

typedef struct Term Term;

typedef struct {
  Theme theme;
  bool color; /* false: attributes alone */
  bool mouse;
} TermSetup;

/* Fails when there is no terminal, or TERM names none that can be drawn on. */
G_GNUC_WARN_UNUSED_RESULT Term *term_open(const TermSetup *setup, GError **error);

/* Back to how the terminal was found. */
void term_close(Term *term);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Term, term_close)

/* What its locale lets it show. */
TextCharset term_charset(const Term *term);

void term_size(const Term *term, int *ret_width, int *ret_height);

/* Another theme, or none of its colours. */
void term_set_theme(Term *term, const Theme *theme, bool color);
void term_set_mouse(Term *term, bool mouse);

/* Did the terminal take all that it was sent?  What is drawn before that piles up. */
bool term_is_ready(const Term *term);

/* Shows it; only what changed is sent. */
void term_draw(Term *term, const Canvas *canvas);
/* All of it is sent by the next term_draw: something else wrote on the screen. */
void term_forget(Term *term);

/* The next key, waited for at most `wait_ms`; false when none came.  A resize is a key. */
bool term_next_key(Term *term, int wait_ms, KeyEvent *ret_event);

/* Is the terminal gone (closed, or its end of input was read)? */
bool term_is_gone(const Term *term);

/* Puts text into the clipboard of the terminal (OSC 52); false when it is too long for that. */
bool term_copy(Term *term, Slice text);

/* Gives the terminal back, stops the program as Ctrl-Z does, and takes it again. */
void term_suspend(Term *term);
