#include "ui/help.h"
#include "ui/save.h"
#include "ui/session.h"

const SubcommandRow SUBCOMMANDS[] = {
  {&CALLS_SUBCOMMAND, session_run}, {&MESSAGES_SUBCOMMAND, session_run},
  {&FLOW_SUBCOMMAND, session_run},  {&SHOW_SUBCOMMAND, session_run},
  {&STATS_SUBCOMMAND, session_run}, {&SAVE_SUBCOMMAND, save_run},
  {&HELP_SUBCOMMAND, help_run},     {NULL, NULL},
};
