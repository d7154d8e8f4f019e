#include "core/image/codec.h"
