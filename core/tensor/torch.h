#pragma once
// The only gateway to torch: every other file includes this one. ATen plus autograd; the C++ module library is not
// used, because networks are plain structs of tensors (half the compile time, and weights can be passed as arguments).
#include <ATen/core/ivalue.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
