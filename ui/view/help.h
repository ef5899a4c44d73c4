/*
 * Help view: the commands of a kind of view with their keys, made of COMMANDS.
 */
#pragma once

#include "ui/view/app.h"

View *help_view_new(App *app, CommandScope scope);
