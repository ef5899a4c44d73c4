/*
 * Threads beside the main one, which alone handles signals.
 *
 * The system may allow no more of them, as in a container that is full: that ends nothing.
 */
#pragma once

#include <glib.h>

/* As g_thread_try_new, but with all signals blocked that do not tell of a crash.  NULL if there can
 * be no thread: an APP_ERROR_IO, or with `error` NULL the caller goes on without. */
GThread *thread_new(const char *name, GThreadFunc run, gpointer data, GError **error);
