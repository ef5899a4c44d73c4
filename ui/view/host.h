/*
 * Host: what a screen or dialog may ask of the program that shows it.
 *
 * Screens know nothing else of the program; the driver's side is ui/view/app.h.
 */
#pragma once

#include "ui/view/app_model.h"
#include "ui/view/view.h"

/* What all screens look at; they may change its configuration, index, marks and aliases. */
AppModel *host_model(const Host *host);
/* The trace's call of that number, or NULL if there is none (any more). */
const Call *host_call(const Host *host, uint32_t number);

/* The view on top of the stack. */
View *host_view(const Host *host);
/* Puts a view on top; the host owns it from now on. */
void host_push(Host *host, View *view);
/* Takes a view off the stack; it is freed after the command or key that it is handling. */
void host_close(Host *host, View *view);

/* Shows a line at the bottom until the next key. */
void host_tell(Host *host, Style style, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Copies to the clipboard of the terminal. */
void host_copy(Host *host, Slice text);
/* The configuration was changed: notifies every view and the driver. */
void host_configured(Host *host);
/* Runs the command in the topmost view, as its key would; false if it does nothing there. */
bool host_run(Host *host, CommandId id);
