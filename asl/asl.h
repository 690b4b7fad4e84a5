/*
 * asl/asl.h - the language, for those outside of asl/.
 *
 * A definition becomes a machine, events become an execution, a stimulus
 * becomes events and commands:
 *
 *	machine_parse()  execution_new()  execution_apply()  step_run()
 */

#ifndef PAWL_ASL_H
#define PAWL_ASL_H

#include "chunk.h"
#include "event.h"
#include "execution.h"
#include "findings.h"
#include "jsontext.h"
#include "machine.h"
#include "payload.h"
#include "step.h"
#include "teststate.h"
#include "timestamp.h"

#endif
