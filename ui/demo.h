/*
 * Demo: a small capture in the program (samples/demo.scn), to try it on without one of your own.
 */
#pragma once

#include "ui/options.h"

/* Writes it to a temporary file without a name, which is closed when the program ends, and makes
 * it the only input. */
G_GNUC_WARN_UNUSED_RESULT bool demo_open(Options *options, GError **error);
