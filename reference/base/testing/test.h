// SPDX-License-Identifier: MIT
// The one include of a unit test: cmocka with the headers that it needs before itself, and the
// allocator that can fail.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/testing/failalloc.h"
