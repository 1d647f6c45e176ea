/* Compiles a model with the NPU compiler of OpenVINO for Windows; no NPU is needed.

   compile.exe MODEL.onnx PLATFORM: the log on stdout holds the compiler's estimate of the latency.
   Exits with 1 and the reason where the model does not compile. */

#include <stdio.h>
#include "openvino/c/openvino.h"

static int failed(const char *what) {
    printf("FAILED %s: %s\n", what, ov_get_last_err_msg());
    return 1;
}

int main(int argc, char **argv) {
    ov_core_t *core;
    ov_model_t *model;
    ov_compiled_model_t *compiled;
    if (argc != 3) {
        printf("FAILED usage: compile.exe MODEL.onnx PLATFORM\n");
        return 2;
    }
    if (ov_core_create(&core) != OK)
        return failed("start");
    if (ov_core_read_model(core, argv[1], NULL, &model) != OK)
        return failed("read");
    /* PLUGIN: the compiler of this package, where a driver would bring its own. */
    if (ov_core_compile_model(core, model, "NPU", 6, &compiled, "NPU_PLATFORM", argv[2],
                              "NPU_COMPILER_TYPE", "PLUGIN", "LOG_LEVEL", "LOG_INFO") != OK)
        return failed("compile");
    return 0;
}
