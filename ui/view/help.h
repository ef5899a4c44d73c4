/*
 * Help view: the commands of a kind of view with their keys, made of COMMANDS.
 */
#pragma once

#include "ui/view/host.h"

View *help_view_new(Host *host, CommandScope scope);
