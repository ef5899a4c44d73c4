/* To write what few calls have (CallRare); to read it, call_rare does. */
#pragma once

#include "dissect/trace/message.h"

/* Made when it is not there. */
CallRare *call_make_rare(Call *call);

/* With its arena. */
void call_free_rare(Call *call);

/* Sets CallRare.stray_bye_ns. */
void call_note_stray_bye(Call *call, int64_t time_ns);
