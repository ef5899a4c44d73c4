/*
 * LegSearch: a job that waits until all conversations are known as of now.
 */
#pragma once

#include "dissect/diagnose/conversations.h"
#include "ui/show/job.h"

Job *leg_search_new(Conversations *conversations);
