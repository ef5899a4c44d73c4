/*
 * `--setup-caps`: what lets the members of a group capture without root (capabilities(7)): the
 * program is theirs alone to run, and has the capabilities to open interfaces.  As root it is done,
 * else said.
 */
#pragma once

#include "ui/options.h"

ExitStatus setup_caps_run(void);
