/* `flow`: a ladder of each call, in several formats. */
#include "capture/language.h"
#include "ui/report/call_flow.h"
#include "ui/report/explain_markdown.h"
#include "ui/report/subcommand.h"

const ReportOps FLOW_TEXT = {.call = flow_text, .needs_media = true};
const ReportOps FLOW_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{call:integer,calls?:[integer],legs?:[{call:integer,of:integer,why:string}],"
           "columns:[string],rungs:[{message:integer,call?:integer,from:integer,to:integer,"
           "label:string,time:time?}],notes?:[{frame:integer,time:time?,sender:string,"
           "text:string}]}"},
      {NULL, NULL}},
  .call = flow_json};

const Subcommand FLOW_SUBCOMMAND = {
  .name = "flow",
  .help = N_("a ladder of each call"),
  .more = N_(
    "Columns are endpoints, lines are messages, numbered as in `messages`. A host that connects "
    "from\n"
    "one port and listens on another is one column (in JSON one per port). Retransmissions are\n"
    "dashed and marked (R), packets captured twice (D), messages with missing bytes (!). Double\n"
    "lines (not in JSON) are RTP streams, where they begin, and their RFC 4733 digits.\n"
    "-T html is a page of its own, with what diagnosis found and all messages; -T svg a picture;\n"
    "-T markdown is for tickets, as that of `explain`."),
  .takes =
    TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_TIMES | TAKES_LEGS | TAKES_CONVERSATIONS,
  .formats = (const ReportFormat[]){{"text", &FLOW_TEXT},
                                    {"json", &FLOW_JSON},
                                    {"html", &FLOW_HTML},
                                    {"svg", &FLOW_SVG},
                                    {"mermaid", &FLOW_MERMAID},
                                    {"plantuml", &FLOW_PLANTUML},
                                    {"markdown", &EXPLAIN_MARKDOWN},
                                    {NULL, NULL}},
};
