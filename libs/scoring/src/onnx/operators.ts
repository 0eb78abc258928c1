const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Highest version of each operator set that is admitted; ONNX Runtime itself may know less. */
export const operatorSets: Readonly<Record<string, { readonly oldest: number; readonly newest: number }>> = { '': { oldest: 7, newest: 26 }, 'ai.onnx.ml': { oldest: 1, newest: 5 } };

/**
 * Operators that a model may use, by domain: those whose time and memory follow from their inputs. Not among them: control flow (Loop, Scan,
 * If), sequences, optional values, texts, random numbers (a model must give its golden answers), images, convolutions and recurrent
 * layers (rows of features need none), and everything of the runtime's own domains.
 */
export const operators: Readonly<Record<string, ReadonlySet<string>>> = {
  '': words(`
    Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant ConstantOfShape Cos Cosh CumSum Div Elu Equal Erf Exp
    Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm Greater GreaterOrEqual HardSigmoid HardSwish Hardmax Identity IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log
    LogSoftmax MatMul Max Mean Min Mish Mod Mul Neg Not OneHot Or PRelu Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
    ReduceSum ReduceSumSquare Relu Reshape Round ScatterElements ScatterND Selu Shape Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Tan Tanh
    ThresholdedRelu Tile TopK Transpose Unsqueeze Where Xor`),
  'ai.onnx.ml': words(`
    ArrayFeatureExtractor Binarizer Imputer LinearClassifier LinearRegressor Normalizer OneHotEncoder Scaler SVMClassifier SVMRegressor TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor`),
};
