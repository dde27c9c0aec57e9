"""A debate: analysts take sides blind to each other, may rebut, and a judge decides."""
