/*
 * Diff view: two messages compared by header fields and parameters.
 */
#pragma once

#include "ui/view/host.h"

View *diff_view_new(Host *host, const Message *left, const Message *right);
