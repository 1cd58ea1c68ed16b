"""What the OpenAPI document says beyond types: examples of bodies and answers, and every error with its code."""
