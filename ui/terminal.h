/*
 * What the descriptors and the environment say about how text should look.
 */
#pragma once

#include "ui/options.h"
#include "ui/show/style.h"

/* Width, colours and characters for output to `fd`. */
Look terminal_look(const Options *options, int fd);
