#include "core/image/resize.h"
